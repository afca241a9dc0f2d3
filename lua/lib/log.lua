--- The log as maintenance sees it: it may be there when all that was made of it is gone.
-- @return nil, or the reply that refuses: the format is another, or there is no store
local function openLog(format)
  local meta = redis.call('HMGET', keyMeta, 'format', 'adopting')
  if meta[1] == format then return nil end
  if not meta[1] and (meta[2] or redis.call('EXISTS', keyEvents) == 1) then return nil end
  return { 'FORMAT', meta[1] or '' }
end
