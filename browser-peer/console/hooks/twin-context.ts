import { createContext } from 'preact'
import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { AnyProtocol, Client } from '../../../protocols/core/index.ts'
import type { ConsolePath, ConsoleTwin, Trouble } from '../twin.ts'
import { useLasting } from './use-lasting.ts'

/** A page that was just opened, or a network that was just changed, is connected by then */
const reachedWithinMs = 1500

export const TwinContext = createContext<ConsoleTwin | undefined>(undefined)

export function useTwin(): ConsoleTwin {
  const twin = useContext(TwinContext)
  if (twin === undefined) throw new Error('Shown outside a connected console')
  return twin
}

export function useClient<P extends AnyProtocol>(protocol: P): Client<P> {
  const twin = useTwin()
  return useMemo(() => twin.client(protocol), [twin, protocol])
}

export interface TwinState {
  readonly path: ConsolePath | undefined
  readonly unsynced: number
  readonly trouble: Trouble | undefined
}

/** How this browser stands with the twin; the page follows when it changes. */
export function useTwinState(): TwinState {
  const twin = useTwin()
  const read = (): TwinState => ({ path: twin.path(), unsynced: twin.unsynced(), trouble: twin.trouble() })
  const [state, setState] = useState(read)
  useEffect(() => {
    setState(read())
    return twin.onChange(() => setState(read()))
  }, [twin])
  return state
}

/** Whether the twin is out of reach for longer than it takes to get there. */
export function useIsAway(): boolean {
  const { path } = useTwinState()
  return useLasting(path === undefined, reachedWithinMs)
}

/** Calls back each time the twin is reached again. */
export function useOnReached(onReached: () => void): void {
  const { path } = useTwinState()
  const isReached = path !== undefined
  const was = useRef(isReached)
  useEffect(() => {
    if (isReached && !was.current) onReached()
    was.current = isReached
  }, [isReached])
}
