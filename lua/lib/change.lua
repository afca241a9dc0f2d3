--- @include set-most
--- Writes a job's hash after an event: its version and event, user and status from the move, and the fields of a row.
-- 0xC1 and '@' stands for a reference to the event; 0xC1 alone is a removed field, which must stay as a mark only where
-- the hash builds on the event that created the job. The row is used up.
local function writeFields(job, move, row, first, last)
  local key = job.key
  local kept = first - 1
  for index = first, last, 2 do
    local name, value = row[index], row[index + 1]
    if value == '' or (value == '\193' and not job.base) then
      redis.call('HDEL', key, name)
    else
      row[kept + 1], row[kept + 2] = name, value == '\193@' and '\193' .. job.event or value
      kept = kept + 2
    end
  end
  if move and move.status ~= '' then
    row[kept + 1], row[kept + 2], kept = 'status', move.status, kept + 2
  end
  if move and move.userId ~= '' then
    row[kept + 1], row[kept + 2], kept = 'userId', move.userId, kept + 2
  end
  first = setMost(key, row, first, kept)
  redis.call('HSET', key, '@version', job.versionText, '@event', job.event, unpack(row, first, kept))
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
  local row, last = command.row, command.last
  if isStamped then
    row[last + 1], row[last + 2] = move.stamp, isoOf(tonumber(string.match(job.event, '^%d+')))
    last = last + 2
  end
  writeFields(job, move, row, command.first, last)
  if move then moveTo(job, move) end
  return isStamped and 'T ' or 'A '
end
