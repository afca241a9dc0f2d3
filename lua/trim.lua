--- Drops one partition's events up to one of them, with the mark of where the log begins, and the tombstones of those
-- of some jobs that have ended and whose newest event goes.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 sequence         number of the last event that goes
--   3 event            its id
--   4 jobs …           ids
-- reply: a tag
--   DONE      nothing
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include stream-ids
local meta = redis.call('HMGET', keyMeta, 'format', 'trimmedSequence')
if meta[1] ~= ARGV[1] then return { 'FORMAT', meta[1] or '' } end
local last = ARGV[3]
if tonumber(ARGV[2]) > tonumber(meta[2]) then
  redis.call('HSET', keyMeta, 'trimmedSequence', ARGV[2], 'trimmed', last)
  local ms, rank = string.match(last, '^(%d+)-(%d+)$')
  redis.call('XTRIM', keyEvents, 'MINID', ms .. '-' .. string.format('%d', tonumber(rank) + 1))
end
for index = 4, #ARGV do
  local job = redis.call('HMGET', keyOfJob(ARGV[index]), '@event', 'status')
  if job[1] and not job[2] and not isAfter(job[1], last) then redis.call('DEL', keyOfJob(ARGV[index])) end
end
return { 'DONE' }
