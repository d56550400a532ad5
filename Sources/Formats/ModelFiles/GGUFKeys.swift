import Core

/// The keys of a GGUF file that are worth keeping, and the sum of its tensors.
struct GGUFKeys {
    private enum Value {
        case number(Int64)
        case text(String)
    }

    private var kept: [String: Value] = [:]
    private(set) var parameters: Int64?
    private(set) var isWhole = false

    /// Reads on from behind the counts. Where the bytes end early, keeps what there was.
    init(_ reader: inout GGUFReader, keys: Int64, tensors: Int64) throws(GGUFReader.Stop) {
        do throws(GGUFReader.Stop) {
            for _ in 0..<keys {
                guard let key = try reader.text(), !key.isEmpty else { throw .wrong("a key is not a text of at most 65535 bytes") }
                let value = try Self.value(&reader, type: try reader.number(), depth: 0)
                if Self.isWanted(key), let value { kept[key] = value }
            }
            var sum: Int64 = 0
            for _ in 0..<tensors {
                sum = try Self.add(try Self.elements(&reader), to: sum)
            }
            parameters = sum
            isWhole = true
        } catch {
            if case .wrong = error { throw error }
        }
    }

    func text(_ key: String) -> String? {
        if case .text(let text)? = kept[key] { text } else { nil }
    }

    func number(_ key: String) -> Int64? {
        if case .number(let number)? = kept[key] { number } else { nil }
    }

    private static func isWanted(_ key: String) -> Bool {
        key.hasPrefix("general.") || key.hasSuffix(".context_length") || key.hasSuffix(".embedding_length") || key.hasSuffix(".block_count")
    }

    /// Passes over a value; returns it where it is an integer or a text.
    private static func value(_ reader: inout GGUFReader, type: UInt32, depth: Int) throws(GGUFReader.Stop) -> Value? {
        switch type {
        case 0: return .number(Int64(try reader.number(UInt8.self)))
        case 1: return .number(Int64(Int8(bitPattern: try reader.number(UInt8.self))))
        case 2: return .number(Int64(try reader.number(UInt16.self)))
        case 3: return .number(Int64(Int16(bitPattern: try reader.number(UInt16.self))))
        case 4: return .number(Int64(try reader.number(UInt32.self)))
        case 5: return .number(Int64(Int32(bitPattern: try reader.number(UInt32.self))))
        case 10: return Int64(exactly: try reader.number(UInt64.self)).map(Value.number)
        case 11: return .number(Int64(bitPattern: try reader.number(UInt64.self)))
        case 8: return try reader.text().map(Value.text)
        case 6, 7, 12: try reader.skip(size(of: type))
        case 9:
            guard depth < 4 else { throw .wrong("lists inside lists more than 4 deep") }
            let item: UInt32 = try reader.number()
            let count: UInt64 = try reader.number()
            let size = size(of: item)
            if size > 0 {
                let (all, overflow) = count.multipliedReportingOverflow(by: size)
                guard !overflow else { throw .wrong("a list announces \(count) items") }
                try reader.skip(all)
            } else {
                // Each item takes at least its own length, so that the bytes bound the turns.
                var left = count
                while left > 0 {
                    _ = try value(&reader, type: item, depth: depth + 1)
                    left -= 1
                }
            }
        default: throw .wrong("a key has the unknown type \(type)")
        }
        return nil
    }

    /// 0 for texts and lists.
    private static func size(of type: UInt32) -> UInt64 {
        switch type {
        case 0, 1, 7: 1
        case 2, 3: 2
        case 4, 5, 6: 4
        case 10, 11, 12: 8
        default: 0
        }
    }

    private static func elements(_ reader: inout GGUFReader) throws(GGUFReader.Stop) -> Int64 {
        guard try reader.text() != nil else { throw .wrong("a tensor's name is not a text") }
        let dimensions: UInt32 = try reader.number()
        guard dimensions <= 8 else { throw .wrong("a tensor has \(dimensions) dimensions") }
        var count: Int64 = 1
        for _ in 0..<dimensions {
            guard let side = Int64(exactly: try reader.number(UInt64.self)) else { throw .wrong("a tensor is too large") }
            let (product, overflow) = count.multipliedReportingOverflow(by: side)
            guard !overflow else { throw .wrong("a tensor is too large") }
            count = product
        }
        try reader.skip(4 + 8)
        return count
    }

    private static func add(_ count: Int64, to sum: Int64) throws(GGUFReader.Stop) -> Int64 {
        let (all, overflow) = sum.addingReportingOverflow(count)
        guard !overflow else { throw .wrong("the tensors have more elements than can be counted") }
        return all
    }
}
