import { useEffect, useRef } from 'preact/hooks'
import { type Notice, pairingProtocol } from '../../../protocols/pairing/protocol.ts'
import { useClient, useTwin } from '../hooks/twin-context.ts'
import { collect, type Loaded, useLoad } from '../hooks/use-load.ts'
import { useStream } from '../hooks/use-stream.ts'
import { useToasts } from '../hooks/use-toast.ts'

/** Devices that are new and can be taken back. One that comes while the console is open is told at once, on every page. */
export function useNewDevices(): Loaded<readonly Notice[]> {
  const twin = useTwin()
  const pairing = useClient(pairingProtocol)
  const toasts = useToasts()
  const news = useLoad(signal => collect(pairing.notices({}, { signal })), [pairing])
  useStream(
    signal => pairing.notices({ follow: true }, { signal }),
    () => news.reload(),
    [pairing]
  )
  const known = useRef<ReadonlySet<number>>(undefined)
  useEffect(() => {
    if (news.value === undefined) return
    for (const { number, name } of news.value) {
      if (number === twin.deviceNumber || known.current?.has(number) !== false) continue
      toasts.say(`${name} is a new device of yours: see Devices`)
    }
    known.current = new Set(news.value.map(({ number }) => number))
  }, [news.value])
  return news
}
