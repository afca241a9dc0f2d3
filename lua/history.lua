--- Walks back one job's events, newest first, by the event before that each of them names.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 job              id
--   3 from             event to start at; '' for the job's newest
--   4 limit            events
-- reply: a tag, then
--   DONE      the event before the last one, '' for none; 1 if that one has been compacted away, or is none of the
--             job's, else 0; the events, each as lib/entry.lua says
--   SPOILED   what is wrong with the job's hash
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
--- @include entry
--- @include entry-at
--- @include stream-ids
local failure = openLog(ARGV[1])
if failure then return failure end
local id, from = ARGV[2], ARGV[3]
if from == '' then
  from = redis.call('HGET', keyOfJob(id), '@event') or ''
  local entry = from ~= '' and entryAt(from)
  if from ~= '' and (not isStreamId(from) or (entry and entry[2][6] ~= id)) then
    return { 'SPOILED', keyOfJob(id) .. ': its event is none of its own' }
  end
end
local reply = { 'DONE', from, 0 }
for _ = 1, tonumber(ARGV[4]) do
  if from == '' then break end
  local entry = entryAt(from)
  if not entry or entry[2][6] ~= id then
    reply[3] = 1
    break
  end
  from = pushEntry(reply, entry)
end
reply[2] = from
return reply
