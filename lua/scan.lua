--- Reads one partition's log after a position, oldest first. Looks the position up: it may have been compacted away, or
-- lost by the server.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 sequence         number of the event to go on after; 0 for the start
--   3 event            its id
--   4 limit            events
-- reply: a tag, then
--   DONE      the events, each as lib/entry.lua says
--   GAP       events after the position have been compacted away
--   REWOUND   the log ends before the position, or holds another event there
--   FORMAT    the format that the store has; '' where there is no store, but for one that takes another log over
-- events appended: none
--- @include keys
--- @include entry
local meta = redis.call('HMGET', keyMeta, 'format', 'trimmedSequence', 'sequence', 'trimmed', 'adopting')
local isAdopting = not meta[1] and meta[5]
if meta[1] ~= ARGV[1] and not isAdopting then return { 'FORMAT', meta[1] or '' } end
local sequence = tonumber(ARGV[2])
if sequence < tonumber(meta[2]) then return { 'GAP' } end
if sequence > tonumber(meta[3]) then return { 'REWOUND' } end
local isInLog = sequence > tonumber(meta[2])
if isInLog then
  local entry = redis.call('XRANGE', keyEvents, ARGV[3], ARGV[3])[1]
  if not entry or tonumber(entry[2][2]) ~= sequence then return { 'REWOUND' } end
end
local reply = { 'DONE' }
-- Where the log begins nothing can be looked up: its mark goes for whatever id was given.
local from = '(' .. (isInLog and ARGV[3] or meta[4] or '0')
local entries = redis.call('XRANGE', keyEvents, from, '+', 'COUNT', ARGV[4])
for _, entry in ipairs(entries) do pushEntry(reply, entry) end
return reply
