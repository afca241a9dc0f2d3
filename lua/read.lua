--- Reads jobs of one partition as they are now.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 pairs …          job, and the newest event of the state that the reader holds, '' for none
-- reply: a tag, then
--   DONE      for each job '' if there is none, = if it is as held, else its state (lib/state.lua)
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include clock
--- @include state
local format = redis.call('HGET', keyMeta, 'format')
if format ~= ARGV[1] then return { 'FORMAT', format or '' } end
local reply = { 'DONE' }
for index = 2, #ARGV, 2 do
  local id = ARGV[index]
  local job = redis.call('HMGET', keyOfJob(id), '@event', 'expiresAt')
  if not job[2] or isDue(job[2]) then
    reply[#reply + 1] = ''
  elseif job[1] == ARGV[index + 1] then
    reply[#reply + 1] = '='
  else
    pushState(reply, id)
  end
end
return reply
