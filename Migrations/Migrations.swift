/// The schema of `catalog.sqlite` as numbered steps, oldest first. The rules are in the README
/// beside this file.
package enum Migrations {
    package struct Migration: Sendable {
        package let number: Int
        /// The file's name, such as `0004_content.sql`.
        package let name: String
        package let sql: String
    }

    package static let all: [Migration] = Embedded.files.enumerated().map { index, file in
        Migration(number: index + 1, name: file.name, sql: file.text)
    }
}
