--- Makes jobs of one partition, and their index entries, what the log says: each if its hash still names the event that
-- it was seen at. Counts are left alone.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 frames           the jobs, packed (see lib/take.lua), each: the event that its hash was seen at ('' for none),
--                      id, number of hash fields and values that it is to have, these, user, status, createdAt (ms),
--                      expiresAt (ms); '' for an ended one
--   3 long …           values too long for the frames
-- reply: a tag, then
--   DONE      for each job 1 if it is done, 0 if it has gone on
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
local framesAt = 2
--- @include keys
--- @include log
--- @include places
--- @include take
--- @include take-row
--- @include set-most
local failure = openLog(ARGV[1])
if failure then return failure end
local reply = { 'DONE' }
while frameAt <= #frames do
  local seen, id, count = take(), take(), tonumber(take())
  local key = keyOfJob(id)
  local row = takeRow(count)
  local userId, status, createdMs, expiresMs = take(), take(), take(), take()
  local isThere = makeRoom(key, 'hash')
  local found = redis.call('HMGET', key, '@event', 'userId', 'status')
  if (found[1] or '') ~= seen then
    reply[#reply + 1] = 0
  else
    if isThere or status == '' then
      leavePlaces(id, found[2], found[3])
      redis.call('DEL', key)
    end
    if count > 0 then redis.call('HSET', key, unpack(row, setMost(key, row, 1, count), count)) end
    if status ~= '' then enterPlaces(id, userId, status, createdMs, expiresMs) end
    reply[#reply + 1] = 1
  end
end
return reply
