--- The log as maintenance sees it: it may be there when all that was made of it is gone.
-- @return nil, or the reply that refuses: the format is another, or there is no store
local function openLog(format)
  local found = redis.call('HGET', keyMeta, 'format')
  if found == format then return nil end
  if not found and redis.call('EXISTS', keyEvents) == 1 then return nil end
  return { 'FORMAT', found or '' }
end
