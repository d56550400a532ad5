import Core
import ModelFiles
import TestKit
import Testing

@Suite("safetensors")
struct SafetensorsTests {
    static func file(_ json: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        let length = length ?? UInt64(json.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + Array(json.utf8) + [UInt8](repeating: 7, count: data)
    }

    static let good =
        #"{"__metadata__":{"format":"pt"},"#
        + #""b":{"dtype":"BF16","shape":[2,3],"data_offsets":[8,20]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""c":{"dtype":"F32","shape":[],"data_offsets":[20,24]},"e":{"dtype":"I8","shape":[0,5],"data_offsets":[24,24]}}   "#

    @Test("counts parameters by dtype")
    func reads() throws {
        let file = Self.file(Self.good, data: 24)
        #expect(try SafetensorsHeader.byteCount(from: file.prefix(8)) == file.count - 24)
        let header = try SafetensorsHeader(parsing: file, fileSize: Int64(file.count))
        #expect(header.parameters == ["BF16": 6, "F32": 3, "I8": 0])
        #expect(header.total == 9)
        #expect(header.tensorCount == 4)
        #expect(header.dataSize == 24)
        #expect(header.metadata == ["format": "pt"])
    }

    @Test("the tensors must fill the file exactly")
    func size() throws {
        let file = Self.file(Self.good)
        #expect(try SafetensorsHeader(parsing: file).dataSize == 24)
        #expect(throws: HubError.self) { try SafetensorsHeader(parsing: file, fileSize: Int64(file.count)) }
        #expect(throws: HubError.self) { try SafetensorsHeader(parsing: file, fileSize: Int64(file.count) + 25) }
    }

    @Test(
        "refuses what contradicts itself",
        arguments: [
            "", "[]", "{", "{}x", "  {}", #"{"a":1}"#, #"{"a":{"dtype":"F32","shape":[2]}}"#,
            #"{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}"#, #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,7]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, #"{"a":{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}"#,
            #"{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,10]}}"#, #"{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,0]}}"#,
            #"{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#,
            #"{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}"#,
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}"#, #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":[]}"#,
            #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#
        ])
    func refuses(_ json: String) {
        #expect(throws: HubError.self) { try SafetensorsHeader(parsing: Self.file(json)) }
    }

    @Test("a length from anybody allocates nothing", arguments: [UInt64(0), 1, .max, 1 << 63, (16 << 20) + 1, 100])
    func lengths(_ length: UInt64) {
        #expect(throws: HubError.self) { try SafetensorsHeader(parsing: Self.file("{}", length: length)) }
        #expect(throws: HubError.self) { try SafetensorsHeader(parsing: [1, 2, 3]) }
    }

    @Test("elements beyond counting are refused, not a crash")
    func overflow() {
        // Tensors of nothing, so that their places agree, and one shape that a product of zeros hides.
        let big = #"{"a":{"dtype":"U8","shape":[9223372036854775807,0],"data_offsets":[0,0]}}"#
        #expect((try? SafetensorsHeader(parsing: Self.file(big)))?.total == 0)
        // Eight tensors of half bytes, each as large as bits can be counted.
        let side = Int64.max / 4 - 1
        let tensors = (0..<8).map { i in
            let start = Int64(i) * (side / 2)
            return #""t\#(i)":{"dtype":"F4","shape":[\#(side)],"data_offsets":[\#(start),\#(start + side / 2)]}"#
        }
        #expect(side % 2 == 0)
        #expect((try? SafetensorsHeader(parsing: Self.file("{\(tensors[0])}")))?.total == side)
        #expect(throws: HubError.self) { try SafetensorsHeader(parsing: Self.file("{\(tensors.joined(separator: ","))}")) }
    }

    @Test("deep and wide JSON is refused in time", .timeLimit(.minutes(1)))
    func bombs() {
        let deep = "{\"a\":" + String(repeating: "[", count: 1_000_000)
        #expect(throws: HubError.self) { try SafetensorsHeader(parsing: Self.file(deep)) }
    }

    @Test("the index names its shards")
    func index() throws {
        let index = try SafetensorsIndex(
            parsing: Array(
                #"{"metadata":{"total_size":24.0,"x":1},"weight_map":{"a":"m-2.safetensors","b":"m-1.safetensors","c":"m-2.safetensors"}}"#.utf8))
        #expect(index.shards.map(\.text) == ["m-1.safetensors", "m-2.safetensors"])
        #expect(index.totalSize == 24)
        #expect(index.tensorCount == 3)
        #expect(try SafetensorsIndex(parsing: Array(#"{"weight_map":{}}"#.utf8)).totalSize == nil)
    }

    @Test(
        "refuses a bad index",
        arguments: [
            "", "{}", "[]", #"{"weight_map":{"a":1}}"#, #"{"weight_map":{"a":"../x"}}"#, #"{"weight_map":{"a":"/etc/passwd"}}"#,
            #"{"weight_map":{"a":""}}"#, #"{"weight_map":{},"metadata":{"total_size":-1}}"#, #"{"weight_map":{},"metadata":{"total_size":1.5}}"#,
            #"{"weight_map":{},"metadata":{"total_size":1e300}}"#
        ])
    func badIndex(_ json: String) {
        #expect(throws: HubError.self) { try SafetensorsIndex(parsing: Array(json.utf8)) }
    }

    @Test("ten thousand damaged headers are refused or add up")
    func fuzz() {
        var chance = Chance(seed: 4)
        let seed = Self.file(Self.good, data: 24)
        var read = 0
        for _ in 0..<10_000 {
            var bytes = seed
            for _ in 0..<chance.number(0...3) {
                let at = chance.number(0...(bytes.count - 1))
                bytes[at] = chance.number(0...2) == 0 ? UInt8(chance.number(0...255)) : chance.pick(Array("{}[],:\"0123456789-eF".utf8))
            }
            guard let header = try? SafetensorsHeader(parsing: bytes) else { continue }
            #expect(header.total == header.parameters.values.reduce(0, +) && header.total >= 0)
            read += 1
        }
        #expect(read > 500 && read < 9500, "\(read)")
    }
}
