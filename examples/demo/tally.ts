/** What a run has done for one user. */
export interface UserTally {
  /** Jobs that the user had in the store before the run. */
  before: number
  /** Jobs of the run. */
  jobs: number
}

/** What the store must hold after a run, kept while the run goes on. Grows with the users, not with the jobs. */
export interface Tally {
  jobs: number
  byUser: Map<string, UserTally>
  /** countByStatus before the run. */
  before: Map<string, number>
  /** The first job that was created: the run's part of the log begins with it. */
  firstId: string
  /** Stands behind each id of the run; empty if the store was empty. */
  suffix: string
}
