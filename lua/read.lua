--- Reads jobs of one partition as they are now.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 frames           the jobs, packed (lib/take.lua): id, and the newest event of the state that the reader holds, ''
--                      for none
--   3 long …           values too long for the frames
-- reply: a tag, then
--   DONE      for each job '' if there is none, = if it is as held, else its state (lib/state.lua)
--   FORMAT    the format that the store has; '' where there is no store
--   TORN      the log is to be mended first: lua/mend.lua
-- events appended: none
local framesAt = 2
--- @include keys
--- @include clock
--- @include state
--- @include take
--- @include torn
local meta = redis.call('HMGET', keyMeta, 'format', 'sequence', 'trimmedSequence', 'others')
if meta[1] ~= ARGV[1] then return { 'FORMAT', meta[1] or '' } end
-- While it is being mended, reading goes on.
if isTorn(meta[2], meta[3], meta[4]) then return { 'TORN' } end
local reply = { 'DONE' }

--- A job that the reader does not hold: the whole hash says as much as two of its fields, and is wanted anyway.
local function pushUnheld(id)
  local fields = redis.call('HGETALL', keyOfJob(id))
  local expiresAt
  for at = 1, #fields, 2 do
    if fields[at] == 'expiresAt' then expiresAt = fields[at + 1] end
  end
  if not expiresAt or isDue(expiresAt) then
    reply[#reply + 1] = ''
  else
    pushState(reply, id, fields)
  end
end

local function pushHeld(id, event)
  local job = redis.call('HMGET', keyOfJob(id), '@event', 'expiresAt')
  if not job[2] or isDue(job[2]) then
    reply[#reply + 1] = ''
  elseif job[1] == event then
    reply[#reply + 1] = '='
  else
    pushState(reply, id)
  end
end

while frameAt <= #frames do
  local id, event = take(), take()
  if event == '' then pushUnheld(id) else pushHeld(id, event) end
end
return reply
