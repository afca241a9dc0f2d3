--- Where the log ends.
-- @return number and id of the newest event; of the last one that there was, if all were compacted away
local function logEnd()
  local entry = redis.call('XREVRANGE', keyEvents, '+', '-', 'COUNT', 1)[1]
  if entry then return entry[2][2], entry[1] end
  local meta = redis.call('HMGET', keyMeta, 'sequence', 'newest')
  return meta[1] or '0', meta[2] or ''
end
