--- Applies a batch of commands on the jobs of one partition, in order. Each stands or falls by itself: its guards come
-- before its first write, and the log is written first. A batch that was applied before gives its first outcomes.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 writer           id of the sender
--   3 batch            this writer's number of it: 1, 2, 3, …
--   4 acknowledged     newest batch of this writer whose outcomes have reached it
--   5 least            least batch that it waits for
--   6 event            newest one of its batches that it knows; '' for none
--   7 renewal          1 if the time for which outcomes are kept is to begin anew
--   8 frames           the commands, packed: see lib/frame.lua
--   9 long …           values too long for the frames
-- reply: a tag, then
--   DONE      outcomes (one a line: A applied, T applied and stamped, J applied with the state below, each with version
--             and event; R repeated with version; U commandId reused; N not found; X exists; V conflict with version;
--             F not from this status; E unreadable), then the states of all J
--   AGAIN     outcomes, of a batch that was applied before
--   EARLY     newest batch: the ones between have not arrived
--   REWOUND   newest batch: the server lost some that it had acknowledged
--   FORGOTTEN nothing: the server forgot the writer, and lost none of its events
--   FORMAT    the format that the store has; '' where there is no store
--   TORN      the log is to be mended first: lua/mend.lua
-- events appended: those of the commands; expired before a created that comes after a job's time
local framesAt = 8
--- @include keys
--- @include clock
--- @include guards
--- @include job
--- @include append
--- @include indexes
--- @include enter
--- @include end
--- @include state
--- @include frame
--- @include judge
--- @include change
--- @include create
--- @include batch
local refusal = beginBatch()
if refusal then return refusal end
local reply, sent = { 'DONE', '' }, {}
local verbs = { c = createJob, d = deleteJob }

--- @return the outcome of what was not applied; an applied one notes its own
local function applyOne(command)
  local seen = command.hasGuards and repeated(command)
  if seen then return seen end
  local job, wrong = readJob(command.id, command.type == 'c')
  if wrong then return unreadable(wrong) end
  local no = refused(command, job, job.version + (job.isDue and 1 or 0))
  if no then return no end

  if job.isDue or not (command.stays or command.type == 'c') then enterNoted() end
  local eventBefore = job.event
  local outcome
  outcome, wrong = (verbs[command.type] or changeJob)(command, job)
  if not outcome then return unreadable(wrong) end
  if command.hasGuards then remember(command, job) end
  if command.known then
    if (sent[command.id] or command.known) ~= eventBefore then
      outcome = 'J '
      pushState(reply, command.id)
    end
    sent[command.id] = job.event
  end
  noteApplied(outcome, job.versionText, job.event)
  return nil
end

--- The commands, and the keys of the plain creates among them.
local shapesOf, rows, commands, keys = {}, {}, {}, {}
while frameAt <= #frames do
  local shape, row = takeFrame()
  local at = #rows + 1
  shapesOf[at], rows[at] = shape, row
  if shape.isPlainCreate then
    keys[#keys + 1] = keyOfJob(row[1])
  else
    commands[at] = commandOf(shape, row)
  end
end

-- Asked for all at once: Redis takes more time for a call than for a key.
local areNew, touched = #keys > 0 and redis.call('EXISTS', unpack(keys)) == 0, {}
for at, row in ipairs(rows) do
  local id, shape, line = row[1], shapesOf[at]
  if commands[at] or not areNew or touched[id] then
    line = applyOne(commands[at] or commandOf(shape, row))
  else
    line = createNew(shape, row)
  end
  touched[id] = true
  if line then outcomes[#outcomes + 1] = line .. '\n' end
end
enterNoted()
reply[2] = endBatch()
return reply
