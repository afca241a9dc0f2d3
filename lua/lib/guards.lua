--- @include is-count
--- What must be readable before a command's first write, since nothing takes a write back.
--- A sorted set of the right type, or nothing. @return what is wrong
local function checkSet(key)
  local reply = redis.pcall('ZCARD', key)
  return type(reply) == 'table' and key .. ': ' .. reply.err
end

--- A count that can be counted on. @return what is wrong
local function checkCount(status)
  local reply = redis.pcall('HGET', keyCounts, status)
  if type(reply) == 'table' then return keyCounts .. ': ' .. reply.err end
  if reply and not isSum(reply) then return keyCounts .. ': a count is no number' end
  return nil
end

local placesByUser = {}

--- Where a job of this user and status is, or will be, entered: its two lists; and what is wrong with these, the expiry
-- queue or the count. Looked at once a call.
local function placesOf(userId, status)
  local ofUser = placesByUser[userId] or {}
  placesByUser[userId] = ofUser
  local places = ofUser[status]
  if not places then
    places = { user = keyOfUser(userId), userStatus = keyOfUserStatus(userId, status) }
    places.wrong = checkSet(keyExpiry) or checkSet(places.user) or checkSet(places.userStatus) or checkCount(status)
    ofUser[status] = places
  end
  return places
end

local function checkPlaces(userId, status)
  return placesOf(userId, status).wrong
end
