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
--   DONE      2 if the state is to be made again, 1 if that was known before, else 0
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
--- @include log-end
local failure = openLog(ARGV[1])
if failure then return failure end
local meta = redis.call('HMGET', keyMeta, 'sequence', 'trimmedSequence', 'newest', 'mending', 'others')
local expected = meta[1] - meta[2] + (tonumber(meta[5]) or 0)
local torn = #ARGV - 1
-- Only if the log is whole without them: else its numbers go back for another reason.
local areTorn = torn > 0 and redis.call('XLEN', keyEvents) - torn == expected
if areTorn then
  for first = 2, #ARGV, 1000 do
    redis.call('XDEL', keyEvents, unpack(ARGV, first, math.min(first + 999, #ARGV)))
  end
end
local sequence, newest = logEnd()
if areTorn or sequence ~= meta[1] or newest ~= meta[3] then
  redis.call('HSET', keyMeta, 'mending', 1)
  return { 'DONE', 2 }
end
if meta[4] then return { 'DONE', 1 } end
redis.call('HSET', keyMeta, 'others', redis.call('XLEN', keyEvents) - (meta[1] - meta[2]))
return { 'DONE', 0 }
