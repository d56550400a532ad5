import CArchive
import Core
import Glibc

/// Unpacks the regular members of a tar or zip archive into a spool, one at a time and in
/// constant memory. A member whose path is absolute or climbs out is refused, and so is a link
/// that does not lead to another member; nothing is ever written under a member's own name.
enum ReadArchive {
    static func files(in location: String, spool: Spool) throws(HubError) -> [LocalFile] {
        try UTF8Locale.scope { () throws(HubError) in
            let archive = try OpenArchive(location)
            var files: [FilePath: LocalFile] = [:]
            var links: [(path: FilePath, target: String, isHard: Bool)] = []
            var number = 0
            while let member = try archive.next() {
                switch member.kind {
                case .folder: continue
                case .link(let target, let isHard): links.append((try FilePath(parsing: member.path), target, isHard))
                case .other:
                    throw HubError(
                        .invalidPath, "the archive member '\(FilePath.printable(member.path))' is a device or socket; only files can be published")
                case .file:
                    let path = try FilePath(parsing: member.path)
                    number += 1
                    try archive.copy(to: spool.location(number), member: member.path)
                    // As tar itself does, a later member of the same name replaces the earlier.
                    files[path] = LocalFile(path: path, stamp: try FileStamp(at: spool.location(number)), isExecutable: member.isExecutable)
                }
            }
            try resolve(links, &files)
            let rules = try rules(files)
            return files.values.filter { !rules.ignoresAnyPart(of: $0.path) }.sorted { $0.path < $1.path }
        }
    }

    /// Links become the files they lead to. Every round resolves at least one, or the rest lead nowhere.
    private static func resolve(_ links: [(path: FilePath, target: String, isHard: Bool)], _ files: inout [FilePath: LocalFile]) throws(HubError) {
        var waiting = links
        while !waiting.isEmpty {
            let before = waiting.count
            var unresolved: [(path: FilePath, target: String, isHard: Bool)] = []
            for link in waiting {
                let target = try destination(link.target, from: link.isHard ? [] : Array(link.path.parts.dropLast().map(String.init)), of: link.path)
                if let file = files[target] {
                    files[link.path] = LocalFile(path: link.path, stamp: file.stamp, isExecutable: file.isExecutable)
                } else {
                    unresolved.append(link)
                }
            }
            waiting = unresolved
            guard waiting.count < before else {
                throw HubError(
                    .invalidPath,
                    "the archive member '\(waiting[0].path)' is a link to '\(FilePath.printable(waiting[0].target))', which is no file in the archive; pack the file itself (tar --dereference)"
                )
            }
        }
    }

    private static func destination(_ target: String, from folder: [String], of path: FilePath) throws(HubError) -> FilePath {
        let refused = HubError(
            .invalidPath, "the archive member '\(path)' is a link out of the archive ('\(FilePath.printable(target))'); such archives are refused")
        guard !target.hasPrefix("/") else { throw refused }
        var parts = folder
        for part in target.split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                guard parts.popLast() != nil else { throw refused }
            default: parts.append(String(part))
            }
        }
        return try FilePath(parsing: parts.joined(separator: "/") as String)
    }

    private static func rules(_ files: [FilePath: LocalFile]) throws(HubError) -> IgnoreRules {
        guard let file = files[try FilePath(parsing: IgnoreRules.fileName)] else { return IgnoreRules() }
        let bytes = try file.stamp.open().readAll(limit: 1 << 20)
        return IgnoreRules(text: String(decoding: bytes, as: UTF8.self))
    }
}

/// libarchive converts names by the thread's locale; without a UTF-8 one it loses all that is
/// not ASCII.
enum UTF8Locale {
    static func scope<Value>(_ body: () throws(HubError) -> Value) throws(HubError) -> Value {
        guard let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil) else { return try body() }
        let before = uselocale(locale)
        defer {
            uselocale(before)
            freelocale(locale)
        }
        return try body()
    }
}
