import Core
import Glibc
import NIOCore
import Wire

/// Real files with bytes that can be told from their place, opened anew for each answer.
final class Folder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/wire-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Overdue(description: "no temporary folder: errno \(errno)") }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit {
        for name in files() { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// Bytes that repeat after a prime number of places, so after no page, slice or buffer.
    private static let pattern: [UInt8] = {
        var state: UInt32 = 1
        return (0..<65_537).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }()

    /// What a file holds in these places.
    static func bytes(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        while bytes.count < range.count {
            let from = (range.lowerBound + bytes.count) % pattern.count
            bytes += pattern[from..<min(pattern.count, from + range.count - bytes.count)]
        }
        return bytes
    }

    /// Makes the file of that size unless it is there. `hollow` files are all zero and cost no disk.
    func file(_ size: Int, hollow: Bool = false) -> String {
        let name = "\(path)/\(size)\(hollow ? "h" : "")"
        if access(name, F_OK) == 0 { return name }
        let descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        if hollow {
            ftruncate(descriptor, off_t(size))
        } else {
            Self.bytes(0..<size).withUnsafeBytes { bytes in
                var done = 0
                while done < size {
                    let got = pwrite(descriptor, bytes.baseAddress! + done, size - done, off_t(done))
                    guard got > 0 else { break }
                    done += got
                }
            }
        }
        return name
    }

    /// `4096`, `64h` MiB-free hollow, `4096-short`: promises twice what is there, `4096-parts`:
    /// the same bytes out of three extents of two files.
    func answer(_ isHead: Bool, _ conditions: Conditions, name: String) -> LeanAnswer? {
        let isHollow = name.hasSuffix("h")
        let isShort = name.hasSuffix("-short")
        let inParts = name.hasSuffix("-parts")
        guard let size = Int(name.prefix { $0.isNumber }) else { return nil }
        let path = file(size, hollow: isHollow)
        let promised = Int64(isShort ? size * 2 : size)
        return FileAnswer(size: promised, etag: "\"tag-\(name)\"", headers: [("Content-Type", "application/octet-stream")]).answer(
            head: isHead, conditions: conditions
        ) {
            let file = OpenFile(path)
            guard inParts else {
                return ByteSource(size: promised, extents: [.init(file: file, offset: 0, count: promised)])
            }
            let other = OpenFile(path)
            let third = Int64(size / 3)
            return ByteSource(
                size: promised,
                extents: [
                    .init(file: file, offset: 0, count: third),
                    .init(file: other, offset: third, count: 7),
                    .init(file: file, offset: third + 7, count: promised - third - 7)
                ])
        }
    }

    /// How many descriptors of this process are open on files here.
    var openCount: Int {
        var count = 0
        for name in Self.list("/proc/self/fd") {
            var target = [CChar](repeating: 0, count: 4096)
            let length = readlink("/proc/self/fd/\(name)", &target, 4095)
            guard length > 0 else { continue }
            if String(decoding: target.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self).hasPrefix(path) { count += 1 }
        }
        return count
    }

    private func files() -> [String] { Self.list(path) }

    private static func list(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

final class OpenFile: HeldFile, ByteFile {
    let descriptor: Int32
    init(_ path: String) { descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC) }
    func open() -> (any HeldFile)? { self }
    deinit { close(descriptor) }
}

/// `/file/<name>` without the framework.
struct FileReader: LeanReader {
    let folder: Folder
    func answer(_ request: LeanRequest) -> LeanAnswer? {
        guard request.uri.hasPrefix("/file/") else { return nil }
        let name = String(request.uri.dropFirst(6).prefix { $0 != "?" })
        var answer = folder.answer(request.method == .head, Conditions(request.headers), name: name)
        answer?.user = "reader"
        return answer
    }
}
