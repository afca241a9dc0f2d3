--- @include is-count
--- The log: every change goes through here, before anything else of it is written.
local sequence, newest = 0, ''

--- Goes on after the newest event, as meta names it. Stops the script, which has written nothing yet, if that can't be
-- counted on.
local function goOnAfter(number, event)
  if not isCount(number) then error(keyMeta .. ': sequence is no number') end
  sequence, newest = tonumber(number), event
end

--- Appends one event. Every entry has these fields in this order: Redis stores their names once a node. Numbers are
-- written out by who calls: the server takes 0.4 microseconds for each.
-- @param version   text
-- @param previous  the job's event before it; '' for none
-- @return the event's id in the stream
local function appendEvent(type, id, userId, version, previous, removed, meta, data)
  sequence = sequence + 1
  newest = redis.call('XADD', keyEvents, '*', 'n', string.format('%d', sequence), 'type', type, 'job', id,
    'user', userId, 'version', version, 'previous', previous, 'removed', removed, 'meta', meta, 'data', data)
  return newest
end

--- Appends an event that takes a job to its next version.
local function append(job, type, userId, removed, meta, data)
  job.version = job.version + 1
  job.versionText = string.format('%d', job.version)
  job.event = appendEvent(type, job.id, userId, job.versionText, job.event, removed, meta, data)
end

--- Keeps the newest number: once, after the last append.
local function keepSequence()
  redis.call('HSET', keyMeta, 'sequence', string.format('%d', sequence), 'newest', newest)
end
