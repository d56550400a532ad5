import CBlake3
import Glibc
import XetFormat

// usage: bench-xet-chunking [FILE]      bytes per second of one core over the file's first 256 MiB, or over as many random bytes
//        bench-xet-chunking --ids FILE…  each file's Xet id and how many chunks it has, to be compared with other programs

/// What is cut and hashed, in buffers of 1 MiB as they come from an upload.
struct Input {
    let bytes: UnsafeRawBufferPointer
    private static let most = 256 << 20

    /// splitmix64 from seed 1.
    static func random() -> Input {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: most, alignment: 4096)
        var state: UInt64 = 1
        for at in stride(from: 0, to: most, by: 8) {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            bytes.storeBytes(of: z ^ z >> 31, toByteOffset: at, as: UInt64.self)
        }
        return Input(bytes: UnsafeRawBufferPointer(bytes))
    }

    /// nil where the file cannot be read, with the reason in `errno`, or is empty.
    init?(path: String) {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.most, alignment: 4096)
        var count = 0
        while count < Self.most {
            let part = read(file, bytes.baseAddress! + count, Self.most - count)
            if part <= 0 { break }
            count += part
        }
        guard count > 0 else { return nil }
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func pieces(of size: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        for at in stride(from: 0, to: bytes.count, by: size) {
            body(UnsafeRawBufferPointer(rebasing: bytes[at..<min(bytes.count, at + size)]))
        }
    }

    /// The best of five runs; `run` answers how many pieces there were.
    func measure(_ name: String, _ run: () -> Int) {
        var best = Duration.seconds(1_000_000)
        var count = 0
        for _ in 0..<5 { best = min(best, ContinuousClock().measure { count = run() }) }
        print("\(name): \(Int(Double(bytes.count) / (best / .seconds(1)))) bytes per second, \(count) pieces")
    }

    func measureCuts() {
        measure("cuts alone") {
            var chunker = XetChunker()
            var count = 0
            pieces(of: 1 << 20) { buffer in
                var at = 0
                while let cut = chunker.nextCut(in: buffer, from: at) {
                    at = cut
                    count += 1
                }
            }
            return count + (chunker.pending > 0 ? 1 : 0)
        }
    }

    func measureHash(_ level: String) {
        measure("BLAKE3 of 64 KiB pieces, \(level)") {
            var count = 0
            pieces(of: 65536) { piece in
                count += XetHash.ofChunk(piece) == .zero ? 0 : 1
            }
            return count
        }
        let piece = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, 65536)])
        measure("BLAKE3 of one 64 KiB piece again and again, \(level)") {
            var count = 0
            for _ in 0..<bytes.count / piece.count { count += XetHash.ofChunk(piece) == .zero ? 0 : 1 }
            return count
        }
    }

    func measureBoth(_ level: String) {
        measure("cuts and BLAKE3, \(level)") {
            var indexer = XetFileIndexer()
            var count = 0
            pieces(of: 1 << 20) { buffer in indexer.feed(buffer) { _ in count += 1 } }
            _ = indexer.finish { _ in count += 1 }
            return count
        }
    }
}

/// The id of a file of any size, in constant memory; nil where it cannot be read.
func id(of path: String) -> (XetHash, chunks: Int)? {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var indexer = XetFileIndexer()
    var chunks = 0
    // An odd size, so that buffers end in the middle of everything.
    var buffer = [UInt8](repeating: 0, count: 999_983)
    while true {
        let count = read(file, &buffer, buffer.count)
        guard count >= 0 else { return nil }
        if count == 0 { return (indexer.finish { _ in chunks += 1 }, chunks) }
        buffer.withUnsafeBytes { bytes in indexer.feed(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { _ in chunks += 1 } }
    }
}

if CommandLine.arguments.dropFirst().first == "--ids" {
    for path in CommandLine.arguments.dropFirst(2) {
        guard let (id, chunks) = id(of: path) else {
            print("\(path) cannot be read")
            exit(1)
        }
        print("\(id) \(chunks)")
    }
    exit(0)
}

guard let input = CommandLine.arguments.count > 1 ? Input(path: CommandLine.arguments[1]) : Input.random() else {
    print("\(CommandLine.arguments[1]) cannot be read, or is empty")
    exit(1)
}
let levels = ["portable", "4 lanes", "8 lanes (AVX2)", "16 lanes (AVX-512)"]
print("\(input.bytes.count) bytes")
input.measureCuts()
for level in 0...Int(cblake3_level()) {
    _ = cblake3_use(Int32(level))
    input.measureHash(levels[level])
    input.measureBoth(levels[level])
}
