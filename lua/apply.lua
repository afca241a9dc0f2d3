--- Applies a batch of commands on the jobs of one partition, in order. Each stands or falls by itself: its guards come
-- before its first write, and the log is written first. A batch that was applied before gives its first outcomes.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
-- ARGV
--   1 format           of the store
--   2 writer           id of the sender
--   3 batch            this writer's number of it: 1, 2, 3, …
--   4 acknowledged     newest batch of this writer whose outcomes have reached it
--   5 frames           the commands, packed: see lib/frame.lua
--   6 long …           values too long for the frames
-- reply: a tag, then
--   DONE      outcomes (one a line: A applied, T applied and stamped, J applied with the state below, each with version
--             and event; R repeated with version; U commandId reused; N not found; X exists; V conflict with version;
--             F not from this status; E unreadable), then the states of all J
--   AGAIN     outcomes, of a batch that was applied before
--   EARLY     newest batch: the ones between have not arrived
--   REWOUND   newest batch: the server lost some that it had acknowledged
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: those of the commands; expired before a created that comes after a job's time
local framesAt = 5
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
--- @include writer
--- @include outcomes
local format, writer, batch, acknowledged = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local meta = redis.call('HMGET', keyMeta, 'format', 'sequence', 'newest')
if meta[1] ~= format then return { 'FORMAT', meta[1] or '' } end
local tag, detail = admit(writer, batch, acknowledged)
if tag then return { tag, detail } end

goOnAfter(meta[2], meta[3])
local before = sequence
local reply, sent = { 'DONE', '' }, {}
local verbs = { c = createJob, d = deleteJob }

--- @return the outcome of what was not applied; an applied one notes its own
local function applyOne(command)
  local seen = command.hasGuards and repeated(command)
  if seen then return seen end
  local job, wrong = readJob(command.id, command.stays)
  if wrong then return 'E ' .. wrong end
  local refusal = refused(command, job, job.version + (job.isDue and 1 or 0))
  if refusal then return refusal end

  if job.isDue or not (command.stays or command.type == 'c') then enterNoted() end
  local eventBefore = job.event
  local outcome
  outcome, wrong = (verbs[command.type] or changeJob)(command, job)
  if not outcome then return 'E ' .. wrong end
  if command.hasGuards then remember(command, job.version) end
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

while frameAt <= #frames do
  local line = applyOne(takeCommand())
  if line then outcomes[#outcomes + 1] = line .. '\n' end
end
if sequence > before then
  enterNoted()
  keepSequence()
end
reply[2] = table.concat(outcomes)
keepOutcomes(writer, batch, reply[2])
return reply
