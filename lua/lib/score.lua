--- A member's score; '' if it is not there, or the key is no sorted set.
local function scoreOf(key, id)
  local score = redis.pcall('ZSCORE', key, id)
  return type(score) == 'string' and score or ''
end
