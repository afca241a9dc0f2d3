--- Lists a user's jobs of one partition, newest createdAt first, equal ones by the bytes of the id, descending.
-- Ends what is due first, so that what is listed is there.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 user             id
--   3 status           only these; '' for all
--   4 limit            jobs
--   5 offset           jobs
--   6 after ms         createdAt of the job to go on after; '' to start with the newest
--   7 after id         its id
--   8 form             'places' for ids and createdAt (ms), 'states' for ids and states
--   9 frames           jobs that the reader holds, packed (lib/take.lua): id, and the newest event of its state
--   10 long …          values too long for the frames
-- reply: a tag, then
--   DONE      a pair a job: its id, and its createdAt or state, an empty one if it is over, or = if it is as held
--   DUE       others are due still: call again
--   FORMAT    the format that the store has; '' where there is no store
--   TORN      the log is to be mended first: lua/mend.lua
-- events appended: expired
local framesAt = 9
--- @include keys
--- @include clock
--- @include guards
--- @include job
--- @include append
--- @include indexes
--- @include end
--- @include sweep
--- @include store
--- @include state
--- @include rank
--- @include take
local failure = openStore(ARGV[1])
if failure then return failure end
local _, isDueStill, stuck = sweepDue(SWEEP_LIMIT)
if isDueStill then return { 'DUE' } end

local userId, status, limit, first = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local key = status == '' and keyOfUser(userId) or keyOfUserStatus(userId, status)
if ARGV[6] ~= '' then first = first + rankAfter(key, ARGV[6], ARGV[7]) end
local page = redis.call('ZREVRANGE', key, first, first + limit - 1, 'WITHSCORES')
local held = {}
while frameAt <= #frames do
  local id = take()
  held[id] = take()
end

--- Whether a job's time has come though it is there still, which only one can be that could not be swept.
local function isOver(id)
  local expiresAt = stuck and redis.call('HGET', keyOfJob(id), 'expiresAt')
  return expiresAt and isDue(expiresAt)
end

local reply = { 'DONE' }
for index = 1, #page, 2 do
  local id = page[index]
  reply[#reply + 1] = id
  if ARGV[8] == 'places' then
    reply[#reply + 1] = page[index + 1]
  elseif isOver(id) then
    pushState(reply, id, {})
  elseif held[id] and held[id] == redis.call('HGET', keyOfJob(id), '@event') then
    reply[#reply + 1] = '='
  else
    pushState(reply, id)
  end
end
return reply
