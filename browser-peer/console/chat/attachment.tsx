import { useEffect, useRef, useState } from 'preact/hooks'
import type { BlobReference } from '../../../protocols/blobs/protocol.ts'
import { useTwin } from '../hooks/twin-context.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Icon } from '../parts/icon.tsx'
import { byteSize } from '../parts/words.ts'
import { download, isPicture } from './upload.ts'

/** Pictures up to this size are shown unasked. */
const previewBytes = 8_000_000

export function Attachment({ reference }: { reference: BlobReference }) {
  const twin = useTwin()
  const toasts = useToasts()
  const [done, setDone] = useState<number>()
  const [picture, setPicture] = useState<string>()
  const stop = useRef(new AbortController())
  const name = reference.name ?? 'file'
  const isShown = isPicture(reference) && reference.size <= previewBytes
  useEffect(() => {
    const controller = new AbortController()
    stop.current = controller
    let url: string | undefined
    if (isShown) {
      download(twin, reference, () => {}, controller.signal).then(
        blob => {
          if (controller.signal.aborted) return
          url = URL.createObjectURL(blob)
          setPicture(url)
        },
        // It can be asked for by its button
        () => {}
      )
    }
    return () => {
      controller.abort()
      if (url !== undefined) URL.revokeObjectURL(url)
    }
  }, [twin, reference.address])
  const save = () =>
    toasts.attempt(async () => {
      setDone(0)
      try {
        const blob = await download(twin, reference, setDone, stop.current.signal)
        const url = URL.createObjectURL(blob)
        const link = document.createElement('a')
        link.href = url
        link.download = name
        link.click()
        setTimeout(() => URL.revokeObjectURL(url), 60_000)
      } finally {
        setDone(undefined)
      }
    })
  const percent = done === undefined || reference.size === 0 ? undefined : Math.round((done / reference.size) * 100)
  return (
    <div class="attachment">
      {picture !== undefined && <img src={picture} alt={name} />}
      <button type="button" class="file" onClick={save} disabled={done !== undefined}>
        <Icon name={percent === undefined ? 'file' : 'download'} size={22} />
        <span class="file-words">
          <span class="file-name clip">{name}</span>
          <span class="dim">
            {percent === undefined
              ? `${byteSize(reference.size)} · Save`
              : `${percent} % of ${byteSize(reference.size)}`}
          </span>
        </span>
      </button>
      {percent !== undefined && <progress value={percent} max={100} aria-label={`Fetching ${name}`} />}
    </div>
  )
}
