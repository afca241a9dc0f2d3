--- The log: every change goes through here, before anything else of it is written.
local sequence, newest = 0, ''

--- Appends one event, which takes the job to its next version. Every entry has these fields in this order: Redis
-- stores their names once a node.
local function append(job, type, userId, removed, meta, data)
  sequence = sequence + 1
  local version = job.version + 1
  newest = redis.call('XADD', keyEvents, '*', 'n', sequence, 'type', type, 'job', job.id, 'user', userId,
    'version', version, 'previous', job.event, 'removed', removed, 'meta', meta, 'data', data)
  job.version, job.event = version, newest
end

--- Keeps the newest number: once, after the last append.
local function keepSequence()
  redis.call('HSET', keyMeta, 'sequence', sequence, 'newest', newest)
end
