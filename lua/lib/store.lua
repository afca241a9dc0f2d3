--- Opens the store for a script that may append: its format must be the caller's.
-- @return nil, or the reply that refuses
local function openStore(format)
  local meta = redis.call('HMGET', keyMeta, 'format', 'sequence', 'newest')
  if meta[1] ~= format then return { 'FORMAT', meta[1] or '' } end
  goOnAfter(meta[2], meta[3])
  return nil
end
