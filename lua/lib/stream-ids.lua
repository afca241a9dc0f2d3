--- Whether one id of the stream comes after another.
local function isAfter(left, right)
  local leftMs, leftRank = string.match(left, '^(%d+)-(%d+)$')
  local rightMs, rightRank = string.match(right, '^(%d+)-(%d+)$')
  if not leftMs or not rightMs then return leftMs ~= nil end
  if leftMs ~= rightMs then return tonumber(leftMs) > tonumber(rightMs) end
  return tonumber(leftRank) > tonumber(rightRank)
end
