--- @include torn
--- Opens the store for a script that may append: its format must be the caller's, and its log whole.
-- @return nil, or the reply that refuses
local function openStore(format)
  local meta = redis.call('HMGET', keyMeta, 'format', 'sequence', 'newest', 'trimmedSequence', 'others', 'mending')
  if meta[1] ~= format then return { 'FORMAT', meta[1] or '' } end
  goOnAfter(meta[2], meta[3])
  if isTorn(meta[2], meta[4], meta[5], meta[6]) then return { 'TORN' } end
  return nil
end
