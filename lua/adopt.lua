--- Appends events of another log as they are, each with its own time. Of the live state only each job's version and
-- newest event are kept. What a job has already is left out. From then on, also without events, an empty partition
-- takes no commands.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 events …         each: time (ms), type, job, user, version, removed, meta, data
-- reply: a tag, then
--   DONE      how many were appended
--   USED      nothing: the store has taken commands of its own
-- events appended: those
--- @include keys
--- @include log-end
local meta = redis.call('HMGET', keyMeta, 'format', 'sequence')
local isUsed = meta[1] and (meta[1] ~= ARGV[1] or meta[2] ~= '0')
local sequence, newest = logEnd()
sequence = tonumber(sequence)
local lastMs, lastRank = string.match(newest, '^(%d+)-(%d+)$')
lastMs, lastRank = tonumber(lastMs or 0), tonumber(lastRank or 0)
local appended = 0
if not isUsed then
  redis.call('HDEL', keyMeta, 'format')
  redis.call('HSET', keyMeta, 'adopting', 1)
end
for index = 2, #ARGV, 8 do
  local ms, type, id, userId, version = tonumber(ARGV[index]), ARGV[index + 1], ARGV[index + 2], ARGV[index + 3],
    ARGV[index + 4]
  local job = redis.call('HMGET', keyOfJob(id), '@version', '@event', '@adopted')
  local known = tonumber(job[1] or 0)
  if tonumber(version) > known or (type == 'n' and tonumber(version) == known and job[3] ~= 'n') then
    if isUsed then return { 'USED' } end
    if ms > lastMs then lastMs, lastRank = ms, 0 else lastRank = lastRank + 1 end
    sequence = sequence + 1
    newest = redis.call('XADD', keyEvents, string.format('%.0f-%.0f', lastMs, lastRank), 'n',
      string.format('%d', sequence), 'type', type, 'job', id, 'user', userId, 'version', version, 'previous',
      job[2] or '', 'removed', ARGV[index + 5], 'meta', ARGV[index + 6], 'data', ARGV[index + 7])
    redis.call('HSET', keyOfJob(id), '@version', version, '@event', newest, '@adopted', type)
    appended = appended + 1
  end
end
if appended > 0 then redis.call('HSET', keyMeta, 'sequence', string.format('%d', sequence), 'newest', newest) end
return { 'DONE', appended }
