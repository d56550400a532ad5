import Core
import Glibc
import Hashing

/// What an upload will be, as its `meta` says.
package struct UploadMeta: Equatable {
    static let header = "grayling upload 1"
    static let mostParts = 10_000
    private static let smallestPart: Int64 = 32 << 20

    let digest: Digest
    let size: Int64
    let partSize: Int64
    let owner: Int64

    var plan: PartPlan { PartPlan(size: size, partSize: partSize) }

    /// The same for the same upload, whoever's machine begins it.
    var id: UploadID {
        get throws(HubError) {
            try UploadID(parsing: Digest(of: "\(owner)\n\(digest.hex)\n\(size)\n\(partSize)").hex.prefix(32))
        }
    }

    var text: String {
        "\(Self.header)\ndigest \(digest.hex)\nsize \(size)\npart-size \(partSize)\nowner \(owner)\n"
    }

    init(digest: Digest, size: Int64, partSize: Int64?, owner: Int64) throws(HubError) {
        guard size >= 0, partSize ?? 1 > 0 else {
            throw HubError(.invalidRequest, "an upload has a size of 0 or more and parts of 1 byte or more; \(size) and \(partSize ?? 0) were given")
        }
        self.digest = digest
        self.size = size
        self.partSize = partSize ?? Self.defaultPartSize(size)
        self.owner = owner
        guard size / self.partSize < Int64(Self.mostParts) || plan.count <= Self.mostParts else {
            throw HubError(
                .invalidRequest,
                "\(size) bytes in parts of \(self.partSize) are more than \(Self.mostParts) parts; use parts of at least \(size / Int64(Self.mostParts) + 1) bytes"
            )
        }
    }

    /// 32 MiB, or as many whole MiB as it takes to stay within 10,000 parts.
    package static func defaultPartSize(_ size: Int64) -> Int64 {
        let mebibyte: Int64 = 1 << 20
        let needed = size / Int64(mostParts) + (size % Int64(mostParts) == 0 ? 0 : 1)
        return max(smallestPart, (needed / mebibyte + (needed % mebibyte == 0 ? 0 : 1)) * mebibyte)
    }

    /// nil where the text is not the meta of an upload.
    init?(text: String) {
        let lines = text.split(separator: "\n")
        guard lines.count == 5, lines[0] == Self.header else { return nil }
        let names = ["digest ", "size ", "part-size ", "owner "]
        guard zip(lines.dropFirst(), names).allSatisfy({ $0.hasPrefix($1) }) else { return nil }
        let values = zip(lines.dropFirst(), names).map { $0.dropFirst($1.count) }
        guard let digest = try? Digest(parsing: values[0]), let size = Int64(values[1]), let partSize = Int64(values[2]),
            let owner = Int64(values[3]), let meta = try? UploadMeta(digest: digest, size: size, partSize: partSize, owner: owner)
        else { return nil }
        self = meta
    }
}

/// The folder of one upload.
struct UploadFolder: Sendable {
    let layout: StorageLayout
    let id: UploadID

    init(_ layout: StorageLayout, _ id: UploadID) {
        self.layout = layout
        self.id = id
    }

    /// `meta` comes last: until then the upload does not exist.
    func make(_ meta: UploadMeta, now: Instant) throws(HubError) {
        try Disk.makeFolder(layout.upload(id))
        try Disk.makeFolder(layout.uploadParts(id))
        let data = try Disk.open(layout.uploadData(id), O_RDWR | O_CREAT | O_TRUNC, mode: 0o644)
        try Disk.attempt("ftruncate") { ftruncate(data.descriptor, off_t(meta.size)) }
        try data.sync()
        try SmallFile.write(meta.text, to: layout.uploadMeta(id), through: layout.incoming("\(id)"))
        try touch(now)
        try Disk.syncFolder(layout.upload(id))
        try Disk.syncFolder(layout.uploads)
    }

    /// What it will be, and when something last arrived; nil where there is no such upload.
    func meta() throws(HubError) -> (UploadMeta, active: Instant)? {
        guard let file = try Disk.openIfPresent(layout.uploadMeta(id)), let meta = UploadMeta(text: try file.text(limit: 4096)) else { return nil }
        return (meta, try file.status().modified)
    }

    func touch(_ now: Instant) throws(HubError) { try Disk.openIfPresent(layout.uploadMeta(id))?.stamp(now) }

    /// nil where it has become a blob already, or was never whole.
    func data() throws(HubError) -> SharedFile? { try Disk.openIfPresent(layout.uploadData(id), O_RDWR) }

    func markedParts() throws(HubError) -> Set<Int> { Set(try Disk.names(in: layout.uploadParts(id)).compactMap { Int($0) }) }

    func mark(_ part: Int) throws(HubError) {
        _ = try Disk.open(layout.uploadPart(id, part), O_WRONLY | O_CREAT, mode: 0o644)
    }

    /// The next bytes of a part may be torn by a crash, so its marker goes first, for good.
    func unmark(_ part: Int) throws(HubError) {
        if try Disk.remove(layout.uploadPart(id, part)) { try syncMarkers() }
    }

    func syncMarkers() throws(HubError) { try Disk.syncFolder(layout.uploadParts(id)) }

    /// Harmless twice, and where another call is removing it too.
    func remove() throws(HubError) {
        try Disk.remove(layout.uploadMeta(id))
        for name in try Disk.names(in: layout.uploadParts(id)) { try Disk.remove("\(layout.uploadParts(id))/\(name)") }
        _ = try Disk.attempt("rmdir", unless: ENOENT) { rmdir(layout.uploadParts(id)) }
        try Disk.remove(layout.uploadData(id))
        _ = try Disk.attempt("rmdir", unless: ENOENT) { rmdir(layout.upload(id)) }
    }
}
