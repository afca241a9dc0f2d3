--- unpack() gives some 8,000 values at most, and a job may have more fields than that.
local MOST_VALUES = 2000

--- Sets as many of a row's fields, in slices, as leave few enough for the call that sets the rest.
-- @return where the rest begins; mostly at the first one
local function setMost(key, row, first, last)
  while last - first >= MOST_VALUES do
    redis.call('HSET', key, unpack(row, first, first + MOST_VALUES - 1))
    first = first + MOST_VALUES
  end
  return first
end
