/// A file that stays open as long as somebody holds it.
package protocol HeldFile: AnyObject, Sendable {
    var descriptor: Int32 { get }
}

/// A file that is opened when a reader comes to it, so that a source of thousands of files costs
/// its reader one descriptor at a time.
package protocol ByteFile: Sendable {
    /// nil where it is gone, or cannot be opened.
    func open() -> (any HeldFile)?
}

/// Bytes that can be read or sent: a whole file, or a recipe of extents of several. A value of
/// names and numbers.
package struct ByteSource: Sendable {
    package struct Extent: Sendable {
        package let file: any ByteFile
        package let offset: Int64
        package let count: Int64
        package init(file: any ByteFile, offset: Int64, count: Int64) {
            self.file = file
            self.offset = offset
            self.count = count
        }
    }
    package let size: Int64
    package let extents: [Extent]

    package init(size: Int64, extents: [Extent]) {
        self.size = size
        self.extents = extents
    }

    /// The extents that hold `range`, in order, with nothing before or behind it.
    package func slice(_ range: ByteRange) -> [Extent] {
        var result: [Extent] = []
        var start: Int64 = 0
        for extent in extents {
            let lower = max(range.lower, start)
            let upper = min(range.upper, start + extent.count)
            if lower < upper {
                result.append(Extent(file: extent.file, offset: extent.offset + lower - start, count: upper - lower))
            }
            start += extent.count
            if start >= range.upper { break }
        }
        return result
    }
}
