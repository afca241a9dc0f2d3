/** What a job's index entries hang on. */
export interface Place {
  userId: string
  status: string
}
