--- The log: every change goes through here, before anything else of it is written.
local sequence, newest = 0, ''

--- Goes on after the newest event, as meta names it. Stops the script, which has written nothing yet, if that can't be
-- counted on.
local function goOnAfter(number, event)
  if not number or #number > 15 or not string.match(number, '^%d+$') then error(keyMeta .. ': sequence is no number') end
  sequence, newest = tonumber(number), event
end

--- Appends one event, which takes the job to its next version. Every entry has these fields in this order: Redis
-- stores their names once a node. Numbers are written out here: the server takes 0.4 microseconds for each.
local function append(job, type, userId, removed, meta, data)
  sequence = sequence + 1
  job.version = job.version + 1
  job.versionText = string.format('%d', job.version)
  newest = redis.call('XADD', keyEvents, '*', 'n', string.format('%d', sequence), 'type', type, 'job', job.id,
    'user', userId, 'version', job.versionText, 'previous', job.event, 'removed', removed, 'meta', meta, 'data', data)
  job.event = newest
end

--- Keeps the newest number: once, after the last append.
local function keepSequence()
  redis.call('HSET', keyMeta, 'sequence', string.format('%d', sequence), 'newest', newest)
end
