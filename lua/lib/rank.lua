--- Whether one text comes before another by its bytes; `<` would ask the server's locale.
local function isBefore(left, right)
  for index = 1, math.min(#left, #right) do
    local a, b = string.byte(left, index), string.byte(right, index)
    if a ~= b then return a < b end
  end
  return #left < #right
end

--- How many members come before a place in descending order, that place itself included; it need not be there any more.
local function rankAfter(key, ms, id)
  local rank = redis.call('ZREVRANK', key, id)
  if rank and tonumber(redis.call('ZSCORE', key, id)) == tonumber(ms) then return rank + 1 end
  local low = redis.call('ZCOUNT', key, '(' .. ms, '+inf')
  local high = redis.call('ZCOUNT', key, ms, '+inf')
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isBefore(redis.call('ZREVRANGE', key, middle, middle)[1], id) then high = middle else low = middle + 1 end
  end
  return low
end
