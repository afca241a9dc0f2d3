--- Takes the events of torn transactions (lib/torn.lua) out of one partition's log. If there were any, or the log does
-- not end where the state has it, nothing more is written there until the state was made of the log again. If not, the
-- entries that are too many or too few are somebody's own doing: how many is kept, so that nobody asks again.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 events …         ids
-- reply: a tag, then
--   DONE      1 if the state is to be made again, else 0
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
local failure = openLog(ARGV[1])
if failure then return failure end
local gone = #ARGV > 1 and redis.call('XDEL', keyEvents, unpack(ARGV, 2)) or 0
local meta = redis.call('HMGET', keyMeta, 'sequence', 'trimmedSequence', 'newest', 'mending')
local last = redis.call('XREVRANGE', keyEvents, '+', '-', 'COUNT', 1)[1]
local endsElsewhere = last and last[2][1] == 'n' and (last[2][2] ~= meta[1] or last[1] ~= meta[3])
if gone > 0 or meta[4] or endsElsewhere then
  redis.call('HSET', keyMeta, 'mending', 1)
  return { 'DONE', 1 }
end
redis.call('HSET', keyMeta, 'others', redis.call('XLEN', keyEvents) - (meta[1] - meta[2]))
return { 'DONE', 0 }
