import { createContext } from 'preact'
import { useContext, useMemo, useState } from 'preact/hooks'
import { asError } from './use-load.ts'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly isProblem: boolean
}

export interface Toasts {
  say(text: string): void
  /** Runs something the person asked for; what goes wrong is told */
  attempt<T>(work: () => Promise<T>): Promise<T | undefined>
}

export const ToastContext = createContext<Toasts>({ say: () => {}, attempt: async work => work() })

/** Those that are shown now */
export const ToastListContext = createContext<readonly Toast[]>([])

export const useToasts = () => useContext(ToastContext)

const shownMs = 5000

/** Kept by the frame of the page, which shows them. */
export function useToastList(): { list: readonly Toast[]; toasts: Toasts } {
  const [list, setList] = useState<readonly Toast[]>([])
  const toasts = useMemo<Toasts>(() => {
    let last = 0
    const add = (text: string, isProblem: boolean) => {
      const id = ++last
      setList(now => [...now.slice(-2), { id, text, isProblem }])
      setTimeout(() => setList(now => now.filter(toast => toast.id !== id)), shownMs)
    }
    return {
      say: text => add(text, false),
      attempt: async work => {
        try {
          return await work()
        } catch (error) {
          add(asError(error).message, true)
          return undefined
        }
      }
    }
  }, [])
  return { list, toasts }
}
