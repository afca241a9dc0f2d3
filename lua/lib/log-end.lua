--- @include entry-at
--- Where the log ends. What stands behind that and is no event of a store, or a copy of an older one, is passed over.
-- @return number and id of the newest event; of the last one that there was, if all were compacted away
local function logEnd()
  local meta = redis.call('HMGET', keyMeta, 'sequence', 'newest')
  local known = meta[2] and entryAt(meta[2])
  local least = known and known[2][2] == meta[1] and tonumber(meta[1]) or 0
  local to = '+'
  repeat
    local entries = redis.call('XREVRANGE', keyEvents, to, '-', 'COUNT', 16)
    for _, entry in ipairs(entries) do
      local id, values = entry[1], entry[2]
      if values[1] == 'n' and (id == meta[2] or (tonumber(values[2]) or 0) > least) then return values[2], id end
      to = '(' .. id
    end
  until #entries < 16
  return meta[1] or '0', meta[2] or ''
end
