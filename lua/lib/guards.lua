--- What must be readable before a command's first write, since nothing takes a write back. Each returns what is wrong.
local checked = {}

--- A sorted set of the right type, or nothing.
local function checkSet(key)
  if checked[key] then return nil end
  local reply = redis.pcall('ZCARD', key)
  if type(reply) == 'table' then return key .. ': ' .. reply.err end
  checked[key] = true
  return nil
end

--- A count that can be counted on.
local function checkCount(status)
  if checked[status] then return nil end
  local reply = redis.pcall('HGET', keyCounts, status)
  if type(reply) == 'table' then return keyCounts .. ': ' .. reply.err end
  if reply and (#reply > 15 or not string.match(reply, '^%-?%d+$')) then
    return keyCounts .. ': a count is no number'
  end
  checked[status] = true
  return nil
end

--- Every place where a job of this user and status is, or will be, entered.
local function checkPlaces(userId, status)
  return checkSet(keyExpiry) or checkSet(keyOfUser(userId)) or checkSet(keyOfUserStatus(userId, status))
    or checkCount(status)
end
