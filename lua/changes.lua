--- Reads what the events of one partition after a position change, oldest first, packed into one text: a reply of a
-- thousand texts costs the server and the client more than all that is done with them.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
-- ARGV
--   1 format           of the store
--   2 event            id of the event to go on after; 0 for the start
--   3 limit            events
--   4 largest          bytes of an event's data that are given; of a larger one none are
-- reply: a tag, then
--   DONE      number and id of the last of them ('' for none); then, packed, for each its id, number, type, job, user,
--             version, removed and data, each after a byte with its length, or after 255 and four bytes with it
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
local failure = openLog(ARGV[1])
if failure then return failure end
local largest = tonumber(ARGV[4])
local parts, at = {}, 0
local reply = { 'DONE', '', '' }

--- Short lengths as a byte each: every text that a script makes is hashed by the server.
local lengths = {}
for length = 0, 254 do lengths[length] = string.char(length) end

local function longLength(length)
  local rest = math.floor(length / 256)
  return string.char(255, math.floor(rest / 65536), math.floor(rest / 256) % 256, rest % 256, length % 256)
end

local function push(value)
  parts[at + 1], parts[at + 2] = lengths[#value] or longLength(#value), value
  at = at + 2
end

for _, entry in ipairs(redis.call('XRANGE', keyEvents, '(' .. ARGV[2], '+', 'COUNT', ARGV[3])) do
  local values = entry[2]
  push(entry[1])
  push(values[2])
  push(values[4])
  push(values[6])
  push(values[8])
  push(values[10])
  push(values[14])
  push(#values[18] > largest and '' or values[18])
  reply[2], reply[3] = values[2], entry[1]
end
reply[4] = table.concat(parts)
return reply
