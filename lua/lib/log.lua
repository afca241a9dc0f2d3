--- The log as maintenance sees it: it may be there when all that was made of it is gone.
-- @return nil, or the reply that refuses: the format is another, or there is no store
local function openLog(format)
  local found = redis.call('HGET', keyMeta, 'format')
  if found == format then return nil end
  if not found and redis.call('EXISTS', keyEvents) == 1 then return nil end
  return { 'FORMAT', found or '' }
end

--- @return number and id of the newest event; of the last one that there was, if all were compacted away
local function logEnd()
  local entry = redis.call('XREVRANGE', keyEvents, '+', '-', 'COUNT', 1)[1]
  if entry then return entry[2][2], entry[1] end
  local meta = redis.call('HMGET', keyMeta, 'sequence', 'newest')
  return meta[1] or '0', meta[2] or ''
end
