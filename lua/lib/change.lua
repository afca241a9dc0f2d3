--- Writes a job's hash after an event: its version and event, user and status from the move, and the fields.
-- 0xC1 and '@' stands for a reference to the event; 0xC1 alone is a removed field, which must stay as a mark only where
-- the hash builds on the event that created the job.
local function writeFields(job, move, fields)
  local key = job.key
  local first = fields[2]
  if #fields == 2 and not move and first ~= '' and first ~= '\193' then
    -- Most changes, and without a table.
    if first == '\193@' then first = '\193' .. job.event end
    redis.call('HSET', key, '@version', job.versionText, '@event', job.event, fields[1], first)
    return
  end
  local set = { 'HSET', key, '@version', job.versionText, '@event', job.event }
  local at = 6
  if move and move.status ~= '' then
    set[7], set[8], at = 'status', move.status, 8
  end
  if move and move.userId ~= '' then
    set[at + 1], set[at + 2], at = 'userId', move.userId, at + 2
  end
  for index = 1, #fields, 2 do
    local name, value = fields[index], fields[index + 1]
    if value == '' or (value == '\193' and not job.base) then
      redis.call('HDEL', key, name)
    else
      set[at + 1], set[at + 2] = name, value == '\193@' and '\193' .. job.event or value
      at = at + 2
    end
  end
  redis.call(unpack(set))
end

--- A change of a live job. @return the outcome's tag and a space, T if it was stamped, A if not; nil and what is wrong
local function changeJob(command, job)
  local move = command.move
  local isStamped = false
  local userId = job.userId
  if move then
    userId = move.userId ~= '' and move.userId or userId
    local status = move.status ~= '' and move.status or job.status
    local wrong = checkPlaces(job.userId, job.status) or checkPlaces(userId, status)
    if wrong or not msOf(job.createdAt) then return nil, wrong or 'its createdAt is no date' end
    isStamped = move.stamp ~= '' and redis.call('HEXISTS', job.key, move.stamp) == 0
  end
  local type = isStamped and command.type .. '+' .. move.stamp or command.type
  append(job, type, userId, command.removed, command.meta, command.data)
  if isStamped then
    local fields = command.fields
    fields[#fields + 1], fields[#fields + 2] = move.stamp, isoOf(tonumber(string.match(job.event, '^%d+')))
  end
  writeFields(job, move, command.fields)
  if move then moveTo(job, move) end
  return isStamped and 'T ' or 'A '
end
