--- Whether a text, which may be missing, is a whole number that Lua can count on from.
local function isCount(text)
  return text and #text <= 15 and string.match(text, '^%d+$')
end

--- Whether a text is a whole number, maybe below 0, that HINCRBY can count on from: it takes no 07, and no -0.
local function isSum(text)
  return text == '0' or (#text <= 15 and string.match(text, '^%-?[1-9]%d*$') ~= nil)
end
