--- Names of a partition's keys: fixed words first, a user's text last, a length between two of them.
-- src/redis/keys.ts says the same in TypeScript; a test holds the two together.
local unpack = unpack or table.unpack -- luacheck: ignore 143
local keyMeta = KEYS[1]
local keyBase = string.sub(keyMeta, 1, -5)
local keyEvents = keyBase .. 'events'
local keyCounts = keyBase .. 'counts'
local keyExpiry = keyBase .. 'expiry'

local function keyOfJob(id)
  return keyBase .. 'job:' .. id
end

local function keyOfUser(userId)
  return keyBase .. 'user:' .. userId
end

local function keyOfUserStatus(userId, status)
  return keyBase .. 'user-status:' .. #status .. ':' .. status .. ':' .. userId
end

local function keyOfWriter(writerId)
  return keyBase .. 'writer:' .. writerId
end

local function keyOfCommand(id, commandId)
  return keyBase .. 'command:' .. #id .. ':' .. id .. ':' .. commandId
end
