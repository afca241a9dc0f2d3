--- Appends a snapshot for each job that is still at a version and an event, and makes its hash stand on the snapshot
-- alone. Lists and counts stay as they are.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 frames           a command a job, packed: see lib/frame.lua
--   3 long …           values too long for the frames
-- reply: a tag, then
--   DONE      for each job 1 if it is done, 0 if it has gone on, 2 if its hash can't be read
--   FORMAT    the format that the store has; '' where there is no store
--   TORN      the log is to be mended first: lua/mend.lua
-- events appended: snapshotted
local framesAt = 2
--- @include keys
--- @include clock
--- @include guards
--- @include job
--- @include append
--- @include indexes
--- @include frame
--- @include change
--- @include store
local failure = openStore(ARGV[1])
if failure then return failure end
local before = sequence
local reply = { 'DONE' }
while frameAt <= #frames do
  local command = commandOf(takeFrame())
  local job = readJob(command.id)
  if not job then
    reply[#reply + 1] = 2
  elseif job.status and job.version == tonumber(command.expected) and job.event == command.known then
    -- It changes nothing, so it takes no version of its own.
    job.version = job.version - 1
    append(job, command.type, job.userId, '', command.meta, command.data)
    redis.call('DEL', job.key)
    writeFields(job, command.move, command.row, command.first, command.last)
    reply[#reply + 1] = 1
  else
    reply[#reply + 1] = 0
  end
end
if sequence > before then keepSequence() end
return reply
