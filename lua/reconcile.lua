--- Makes jobs of one partition, and their index entries, what the log says: each if its hash still names the event that
-- it was seen at. Counts are left alone.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
-- ARGV
--   1 format           of the store
--   2 jobs …           each: id, the event that its hash was seen at ('' for none), number of hash fields and values
--                      that it is to have, these, user, status, createdAt (ms), expiresAt (ms); '' for an ended one
-- reply: a tag, then
--   DONE      for each job 1 if it is done, 0 if it has gone on
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
--- @include places
local failure = openLog(ARGV[1])
if failure then return failure end
local reply = { 'DONE' }
local at = 1

local function take()
  at = at + 1
  return ARGV[at]
end

while at < #ARGV do
  local id, seen, count = take(), take(), tonumber(take())
  local set = { 'HSET', keyOfJob(id) }
  for index = 1, count do set[index + 2] = take() end
  local userId, status, createdMs, expiresMs = take(), take(), take(), take()
  makeRoom(keyOfJob(id), 'hash')
  local found = redis.call('HMGET', keyOfJob(id), '@event', 'userId', 'status')
  if (found[1] or '') ~= seen then
    reply[#reply + 1] = 0
  else
    leavePlaces(id, found[2], found[3])
    redis.call('DEL', keyOfJob(id))
    if count > 0 then redis.call(unpack(set)) end
    if status ~= '' then enterPlaces(id, userId, status, createdMs, expiresMs) end
    reply[#reply + 1] = 1
  end
end
return reply
