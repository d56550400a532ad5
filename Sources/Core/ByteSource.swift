/// Bytes that can be read or sent: a whole file, or a recipe of extents of several. A value
/// of numbers; whoever opened the files owns them and closes them when the last holder of
/// this value lets go.
package struct ByteSource: Sendable {
    package struct Extent: Sendable {
        /// An open file descriptor, valid as long as `owner` lives.
        package let descriptor: Int32
        package let offset: Int64
        package let count: Int64
        package let owner: any AnyObject & Sendable
        package init(descriptor: Int32, offset: Int64, count: Int64, owner: any AnyObject & Sendable) {
            self.descriptor = descriptor
            self.offset = offset
            self.count = count
            self.owner = owner
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
                result.append(
                    Extent(descriptor: extent.descriptor, offset: extent.offset + lower - start, count: upper - lower, owner: extent.owner))
            }
            start += extent.count
        }
        return result
    }
}
