--- Counts jobs of one partition, exactly: ends what is due first.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 what             'user', 'status' or 'all'
--   3 which            the user's id or the status
-- reply: a tag, then
--   DONE      the count; for 'all' the number of events, the id of the oldest and of the newest ('' for none), then
--             pairs of status and count
--   DUE       others are due still: call again
--   SPOILED   what is wrong with the counts
--   FORMAT    the format that the store has; '' where there is no store
--   TORN      the log is to be mended first: lua/mend.lua
-- events appended: expired
--- @include keys
--- @include clock
--- @include guards
--- @include job
--- @include append
--- @include indexes
--- @include end
--- @include sweep
--- @include store
local failure = openStore(ARGV[1])
if failure then return failure end
local _, isDueStill = sweepDue(SWEEP_LIMIT)
if isDueStill then return { 'DUE' } end

if ARGV[2] == 'user' then return { 'DONE', redis.call('ZCARD', keyOfUser(ARGV[3])) } end
if ARGV[2] == 'status' then
  local wrong = checkCount(ARGV[3])
  if wrong then return { 'SPOILED', wrong } end
  return { 'DONE', redis.call('HGET', keyCounts, ARGV[3]) or 0 }
end
local oldest = redis.call('XRANGE', keyEvents, '-', '+', 'COUNT', 1)[1]
local reply = { 'DONE', redis.call('XLEN', keyEvents), oldest and oldest[1] or '',
  oldest and newest or '' }
for at, value in ipairs(redis.call('HGETALL', keyCounts)) do
  if at % 2 == 0 and not isSum(value) then return { 'SPOILED', keyCounts .. ': a count is no number' } end
  reply[#reply + 1] = value
end
return reply
