import Core
import TestKit
import Testing

@Suite("ranges of bytes")
struct ByteRangeTests {
    @Test(
        "a Range header of one file of ten bytes",
        arguments: [
            (nil, .whole), ("", .whole), ("bytes=0-0", part(0, 1)), ("bytes=0-9", part(0, 10)), ("bytes=2-4", part(2, 5)),
            ("bytes=9-", part(9, 10)), ("bytes=0-", part(0, 10)), ("bytes=5-99", part(5, 10)), ("bytes=-3", part(7, 10)),
            ("bytes=-99", part(0, 10)), ("bytes=-0", .unsatisfiable), ("bytes=10-", .unsatisfiable), ("bytes=10-20", .unsatisfiable),
            ("bytes=4-2", .whole), ("bytes=-", .whole), ("bytes=", .whole), ("bytes", .whole), ("items=0-1", .whole), ("0-1", .whole),
            ("bytes=0-1,3-4", .whole), ("bytes=0-1,", .whole), ("bytes=a-b", .whole), ("bytes=1-b", .whole), ("bytes=+1-2", .whole),
            ("bytes=0x1-2", .whole), ("bytes=1--2", .whole), ("bytes=--2", .whole), ("BYTES=1-2", part(1, 3)), (" bytes=1-2 ", part(1, 3)),
            ("bytes= 1 - 2", part(1, 3)), ("bytes=1 2-", .whole), ("bytes=0-1 2", .whole), ("by tes=1-2", .whole), ("bytes=١-٢", .whole),
            ("bytes=1\u{301}-2", .whole), ("bytes=0-99999999999999999999999", part(0, 10)), ("bytes=99999999999999999999999-", .unsatisfiable),
            ("bytes=-99999999999999999999999", part(0, 10)), ("bytes=9223372036854775807-", .unsatisfiable),
            ("bytes=9223372036854775807-99999999999999999999", .unsatisfiable), ("bytes=0-9223372036854775807", part(0, 10)),
            ("bytes=0-" + String(repeating: "9", count: 200), .whole)
        ] as [(String?, ByteRange.Request)])
    func table(header: String?, expected: ByteRange.Request) { #expect(ByteRange.parse(header, size: 10) == expected) }

    static func part(_ lower: Int64, _ upper: Int64) -> ByteRange.Request { .part(ByteRange(lower, upper)) }

    @Test("an empty file has no part", arguments: ["bytes=0-0", "bytes=0-", "bytes=-1", "bytes=5-6"])
    func emptyFile(_ header: String) { #expect(ByteRange.parse(header, size: 0) == .unsatisfiable) }

    @Test("takes the same bytes as counting them one by one")
    func model() {
        var chance = Chance(seed: 3)
        for _ in 0..<20_000 {
            let size = chance.number(0...12)
            let first = chance.number(0...14)
            let last = chance.number(0...14)
            #expect(
                chosen(ByteRange.parse("bytes=\(first)-\(last)", size: Int64(size)), size)
                    == (first > last ? Array(0..<size) : (0..<size).filter { first <= $0 && $0 <= last }))
            #expect(chosen(ByteRange.parse("bytes=\(first)-", size: Int64(size)), size) == (0..<size).filter { first <= $0 })
            #expect(chosen(ByteRange.parse("bytes=-\(last)", size: Int64(size)), size) == (0..<size).filter { size - last <= $0 })
        }
    }

    /// The offsets that an answer sends; none for a 416.
    func chosen(_ request: ByteRange.Request, _ size: Int) -> [Int] {
        switch request {
        case .whole: Array(0..<size)
        case .part(let range): Array(Int(range.lower)..<Int(range.upper))
        case .unsatisfiable: []
        }
    }

    @Test("random text never crashes, and every part lies inside")
    func fuzz() {
        var chance = Chance(seed: 4)
        let pieces = ["bytes=", "b", "-", "0", "7", "9223372036854775807", "9223372036854775808", ",", " ", "\t", "é", "=", "\u{301}"]
        for _ in 0..<20_000 {
            let header = chance.pick(["", "bytes="]) + (0..<chance.number(0...5)).map { _ in chance.pick(pieces) }.joined()
            for size in [0, 1, 8, Int64.max] {
                if case .part(let range) = ByteRange.parse(header, size: size) {
                    #expect(range.count > 0 && range.upper <= size, "\(header) of \(size)")
                }
            }
        }
    }

    @Test("Content-Range names the last byte, not the one behind it")
    func contentRange() { #expect(ByteRange(0, 4).contentRange(of: 11) == "bytes 0-3/11") }
}

@Suite("files cut into parts")
struct PartPlanTests {
    @Test("the parts cover the file exactly, in order, and only the last is short")
    func covers() {
        var chance = Chance(seed: 5)
        for _ in 0..<3000 {
            let plan = PartPlan(size: Int64(chance.number(0...500)), partSize: Int64(chance.number(1...60)))
            let parts = (0..<plan.count).compactMap { plan.range($0) }
            #expect(parts.count == plan.count)
            #expect(parts.first?.lower ?? 0 == 0)
            #expect(parts.last?.upper ?? 0 == plan.size)
            for (a, b) in zip(parts, parts.dropFirst()) { #expect(a.upper == b.lower) }
            #expect(parts.dropLast().allSatisfy { $0.count == plan.partSize })
            #expect(parts.allSatisfy { $0.count > 0 })
            #expect(plan.range(-1) == nil)
            #expect(plan.range(plan.count) == nil)
        }
    }

    @Test("counts the parts of the largest file")
    func large() {
        let plan = PartPlan(size: Limits().fileSize, partSize: 64 << 20)
        #expect(plan.count == 81_920)
        #expect(plan.range(81_919)?.upper == 5 << 40)
        #expect(PartPlan(size: 0, partSize: 1).count == 0)
        #expect(PartPlan(size: .max, partSize: 1 << 40).count == 8_388_608)
    }
}
