import { useState } from 'preact/hooks'
import { asError } from './use-load.ts'

export interface Submit {
  /** Why it did not work, to be said at the field */
  readonly problem: string | undefined
  readonly isBusy: boolean
  submit(event: Event): void
}

/** What a form does when it is sent. */
export function useSubmit(work: () => Promise<unknown>): Submit {
  const [problem, setProblem] = useState<string>()
  const [isBusy, setIsBusy] = useState(false)
  const submit = (event: Event) => {
    event.preventDefault()
    setIsBusy(true)
    setProblem(undefined)
    work()
      .catch(error => setProblem(asError(error).message))
      .finally(() => setIsBusy(false))
  }
  return { problem, isBusy, submit }
}
