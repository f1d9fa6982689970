import { useState } from 'preact/hooks'

export interface FileDrop {
  /** Whether files hang over it */
  readonly isOver: boolean
  readonly onDragOver: (event: DragEvent) => void
  readonly onDragLeave: (event: DragEvent) => void
  readonly onDrop: (event: DragEvent) => void
}

/** Takes files that are dropped on an element; whatever else is dragged is the browser's to drop. */
export function useFileDrop(onFiles: (files: readonly File[]) => void): FileDrop {
  const [isOver, setIsOver] = useState(false)
  return {
    isOver,
    onDragOver: event => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setIsOver(true)
    },
    onDragLeave: ({ currentTarget, relatedTarget }) => {
      // It goes to nothing when it leaves the window
      const isInside = relatedTarget instanceof Node && (currentTarget as Element).contains(relatedTarget)
      if (!isInside) setIsOver(false)
    },
    onDrop: event => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setIsOver(false)
      onFiles([...(event.dataTransfer?.files ?? [])])
    }
  }
}

const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') ?? false
