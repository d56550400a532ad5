/// Names to values, looked up by received bytes without making a String. Immutable once built.
struct NameTable<Value: Sendable>: Sendable {
    private let slots: [Int32]
    private let names: [[UInt8]]
    private let values: [Value]
    private let mask: Int

    /// Of a name that is given twice the first counts.
    init(_ entries: [(String, Value)]) {
        var size = 8
        while size < entries.count * 2 { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        var names: [[UInt8]] = []
        var values: [Value] = []
        for (name, value) in entries {
            let bytes = Array(name.utf8)
            var at = Int(truncatingIfNeeded: bytes.withUnsafeBytes { $0.quickHash }) & (size - 1)
            while slots[at] >= 0, names[Int(slots[at])] != bytes { at = (at + 1) & (size - 1) }
            if slots[at] >= 0 { continue }
            slots[at] = Int32(names.count)
            names.append(bytes)
            values.append(value)
        }
        self.slots = slots
        self.names = names
        self.values = values
        mask = size - 1
    }

    func find(_ name: Bytes) -> Value? {
        var at = Int(truncatingIfNeeded: name.quickHash) & mask
        while slots[at] >= 0 {
            let index = Int(slots[at])
            if names[index].count == name.count, name.isSame(as: names[index]) { return values[index] }
            at = (at + 1) & mask
        }
        return nil
    }

    var all: [Value] { values }
}
