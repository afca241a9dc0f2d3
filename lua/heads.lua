--- Says what the events of one partition after a position are about, oldest first.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 event            id of the event to go on after; 0 for the start
--   3 limit            events
-- reply: a tag, then
--   DONE      for each event its id, number, type and job
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
local failure = openLog(ARGV[1])
if failure then return failure end
local reply = { 'DONE' }
local at = 1
for _, entry in ipairs(redis.call('XRANGE', keyEvents, '(' .. ARGV[2], '+', 'COUNT', ARGV[3])) do
  local values = entry[2]
  -- A nil would end the reply, of an entry that is no event.
  reply[at + 1], reply[at + 2] = entry[1], values[2] or ''
  reply[at + 3], reply[at + 4] = values[4] or '', values[6] or ''
  at = at + 4
end
return reply
